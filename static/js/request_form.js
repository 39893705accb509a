// Label of the request form's button, for example: "Request 6 columns until 31 March 2027".
const form = document.querySelector("[data-request-form]");
const submitButton = form?.querySelector("[data-submit]");

function buildLabel(picked, all, end, other) {
  const labels = form.dataset;
  const what = other || (picked === all ? labels.labelAll : picked === 1 ? labels.labelOne : labels.labelSome.replace("{n}", picked));
  return `${what} ${end}`.trim();
}

function describeEnd() {
  const hours = form.elements.namedItem("hours")?.value;
  if (hours) return form.dataset.labelHours.replace("{n}", hours);
  const until = form.elements.namedItem("ends_on")?.value;
  if (!until) return "";
  const style = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  return form.dataset.labelUntil.replace("{day}", style.format(new Date(until)));
}

// The preview says why a request is impossible; the server refuses it too.
function updateButton() {
  submitButton.disabled = Boolean(form.querySelector("[data-impossible]"));
}

function update() {
  const boxes = [...form.querySelectorAll("input[name=columns]:enabled")];
  const picked = boxes.filter((box) => box.checked);
  const picker = form.querySelector("#column-picker")?.dataset ?? {};
  const count = picked.length + Number(picker.unshown ?? 0);
  const extent = form.elements.namedItem("extent")?.value;
  const what = form.dataset.labelFixed ?? { whole: form.dataset.labelWhole, metadata: form.dataset.labelMetadata }[extent] ?? (count ? "" : form.dataset.labelNone);
  form.querySelector("[data-submit-label]").textContent = buildLabel(count, Number(picker.total), describeEnd(), what);
  for (const out of form.querySelectorAll("[data-selected-count]")) out.textContent = count;
  const warning = form.querySelector("[data-sensitive-note]");
  if (warning) {
    const asked = { whole: boxes, metadata: [] }[extent] ?? picked;
    const asksUnshown = extent !== "metadata" && "unshownSensitive" in picker;
    warning.hidden = !asksUnshown && !asked.some((box) => box.dataset.classification === "sensitive");
  }
}

if (form) {
  form.addEventListener("input", update);
  form.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-select-columns]");
    if (!pick) return;
    for (const box of form.querySelectorAll("input[name=columns]:enabled")) {
      const which = pick.dataset.selectColumns;
      box.checked = which === "public" ? box.dataset.classification === "public" : which === "usual" && box.dataset.classification !== "sensitive";
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
    update();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!submitButton.disabled) form.requestSubmit(submitButton);
  });
  form.addEventListener("htmx:afterSwap", (event) => {
    updateButton();
    update();
    if (["row-filter", "column-picker"].includes(event.target.id)) form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  const columnSearch = form.querySelector("[data-column-search]");
  columnSearch?.addEventListener("input", (event) => {
    event.stopPropagation();
    const sought = columnSearch.value.trim().toLowerCase();
    for (const row of form.querySelectorAll(".column-picker tbody tr")) row.hidden = !row.textContent.toLowerCase().includes(sought);
  });
  // Enter adds the condition, or stays in the column search; it does not send the request.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    if (event.target.name === "condition_value") {
      event.preventDefault();
      form.querySelector("button[value=add-condition]").click();
    } else if (event.target === columnSearch || event.target.matches("[data-picker-filter]")) event.preventDefault();
  });
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    form.addEventListener(failure, () => { submitButton.disabled = false; });
  }
  updateButton();
  update();
}
