// Decision form: while the chosen terms differ from those shown, the button previews and does not approve.
const form = document.querySelector("[data-decision-form]");

const fields = () => [...form.querySelectorAll("[data-narrowing] :is(input, select, textarea)")];
const isCheckbox = (field) => field.type === "checkbox";
const chosen = () =>
  JSON.stringify(fields().map((field) => (isCheckbox(field) ? field.checked : field.value)));
const rendered = (field) => {
  if (isCheckbox(field)) return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return (field.querySelector("option[selected]") ?? field.options[0]).value;
};

if (form) {
  const narrowing = form.querySelector("[data-narrowing]");
  let shown = JSON.stringify(fields().map(rendered));
  let asked = shown;
  const updateEdited = () => {
    form.toggleAttribute("data-edited", chosen() !== shown);
    const picked = form.querySelector(".selected-count");
    if (picked) picked.textContent = fields().filter((field) => isCheckbox(field) && field.checked).length;
  };
  form.dataset.live = "";
  form.addEventListener("input", updateEdited);
  narrowing.addEventListener("htmx:beforeRequest", () => { asked = chosen(); });
  narrowing.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status === 200) shown = asked;
    updateEdited();
  });
  updateEdited();
}
