// After Back, the browser restores what was typed and ticked, but not what htmx made of it. Each restored field says so again,
// in forms where htmx waits for it; so the page shows what belongs to its fields.
const DEPENDENT = "[hx-trigger*=change], [hx-trigger*=input]";
const isCheckable = (field) => field.type === "checkbox" || field.type === "radio";
const isRestored = (field) => {
  if (isCheckable(field)) return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedOptions[0] !== (field.querySelector("option[selected]") ?? field.options[0]);
  return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
};
const hasDependents = (form) => form.matches(DEPENDENT) || form.querySelector(DEPENDENT);

addEventListener("pageshow", () => {
  for (const form of [...document.querySelectorAll("main form")].filter(hasDependents)) {
    for (const field of [...form.elements].filter(isRestored)) {
      for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }
});
