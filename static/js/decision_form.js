// Decision form: while the chosen terms differ from those shown, the button previews and does not approve.
const form = document.querySelector("[data-decision-form]");

const isPickers = (field) => field.name.startsWith("columns_");
const fields = () => [...form.querySelectorAll("[data-narrowing] :is(input, select, textarea)")].filter((field) => !isPickers(field));
const isPickerRequest = (event) => event.detail.target?.id === "column-picker";
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
  let wasEdited = false;
  const updateEdited = () => {
    form.toggleAttribute("data-edited", chosen() !== shown);
    const picked = form.querySelector(".selected-count");
    const unshown = Number(form.querySelector("#column-picker")?.dataset.unshown ?? 0);
    if (picked) picked.textContent = unshown + fields().filter((field) => isCheckbox(field) && field.checked).length;
  };
  form.dataset.live = "";
  form.addEventListener("input", updateEdited);
  narrowing.addEventListener("htmx:beforeRequest", (event) => {
    if (isPickerRequest(event)) wasEdited = form.hasAttribute("data-edited");
    else asked = chosen();
  });
  // Another page of columns is no edit; buttons that tick many columns are.
  narrowing.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "column-picker") return;
    const turnsPage = /^(page-|filter)/.test(event.detail.requestConfig?.parameters?.columns_do ?? event.detail.requestConfig?.formData?.get("columns_do") ?? "");
    if (turnsPage && !wasEdited) shown = asked = chosen();
    updateEdited();
    if (!turnsPage) narrowing.dispatchEvent(new Event("input"));
  });
  narrowing.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status === 200 && !isPickerRequest(event)) shown = asked;
    updateEdited();
  });
  updateEdited();
}
