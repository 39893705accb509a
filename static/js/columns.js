// The request form's button says what will be asked for: "Ask for 6 columns until 31 March 2027".
const form = document.querySelector("[data-ask]");

function text(picked, all, end, other) {
  const words = form.dataset;
  const what = other || (picked === all ? words.askAll : picked === 1 ? words.askOne : words.askSome.replace("{n}", picked));
  return `${what} ${end}`.trim();
}

function endInWords() {
  const hours = form.elements.namedItem("hours")?.value;
  if (hours) return form.dataset.askHours.replace("{n}", hours);
  const until = form.elements.namedItem("ends_on")?.value;
  if (!until) return "";
  const style = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  return form.dataset.askUntil.replace("{day}", style.format(new Date(until)));
}

function update() {
  const boxes = [...form.querySelectorAll("input[name=columns]:enabled")];
  const picked = boxes.filter((box) => box.checked);
  const all = form.querySelectorAll("input[name=columns]").length;
  const extent = form.elements.namedItem("extent")?.value;
  const what = { whole: form.dataset.askWhole, metadata: form.dataset.askMetadata }[extent] ?? "";
  form.querySelector("[data-ask-text]").textContent = text(picked.length, all, endInWords(), what);
  for (const out of form.querySelectorAll("[data-picked]")) out.textContent = picked.length;
  const warning = form.querySelector("[data-sensitive-note]");
  if (warning) {
    const asked = { whole: boxes, metadata: [] }[extent] ?? picked;
    warning.hidden = !asked.some((box) => box.dataset.classification === "sensitive");
  }
}

if (form) {
  form.addEventListener("input", update);
  form.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-pick]");
    if (!pick) return;
    for (const box of form.querySelectorAll("input[name=columns]:enabled")) {
      box.checked =
        pick.dataset.pick === "all" || (pick.dataset.pick === "usual" && box.dataset.classification !== "sensitive");
    }
    update();
  });
  update();
}
