// The decision form: what is chosen beside what is shown. While they differ, the button previews and approves nothing.
const form = document.querySelector("[data-decide]");

const fields = () => [...form.querySelectorAll("[data-narrow] :is(input, select, textarea)")];
const isTick = (field) => field.type === "checkbox";
const chosen = () =>
  JSON.stringify(fields().map((field) => (isTick(field) ? field.checked : field.value)));
const rendered = (field) => {
  if (isTick(field)) return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return (field.querySelector("option[selected]") ?? field.options[0]).value;
};

if (form) {
  const narrowing = form.querySelector("[data-narrow]");
  let shown = JSON.stringify(fields().map(rendered));
  let asked = shown;
  const mark = () => {
    form.toggleAttribute("data-edited", chosen() !== shown);
    const picked = form.querySelector(".picked");
    if (picked) picked.textContent = fields().filter((field) => isTick(field) && field.checked).length;
  };
  form.dataset.live = "";
  form.addEventListener("input", mark);
  narrowing.addEventListener("htmx:beforeRequest", () => { asked = chosen(); });
  narrowing.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status === 200) shown = asked;
    mark();
  });
  // A page that the browser brought back with what was chosen on it.
  mark();
  addEventListener("pageshow", () => {
    mark();
    if (chosen() !== shown) narrowing.dispatchEvent(new Event("input"));
  });
}
