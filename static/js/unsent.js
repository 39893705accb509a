// What was typed into a form that did not arrive, since the login had ended, stands there again after signing in.
// It is kept in this tab alone, until the next page that opens, and given back to nobody but who typed it.
const KEPT = "unsent";
const NOT_TYPED = new Set(["hidden", "password", "file", "submit", "button", "reset", "image", "fieldset", "output"]);
const { person, unsent } = document.body.dataset;
const here = location.pathname + location.search;
const isPost = (form) => form.getAttribute("method")?.toLowerCase() === "post";
const isTick = (field) => field.type === "checkbox" || field.type === "radio";
const typedIn = (form) => [...form.elements].filter((field) => field.name && !NOT_TYPED.has(field.type));
const actionOf = (form) => form.getAttribute("action") ?? "";
const alike = (action) => [...document.forms].filter((form) => isPost(form) && actionOf(form) === action);
const store = (kept) => sessionStorage.setItem(KEPT, JSON.stringify(kept));

const keep = (form, to, isUnsent) => {
  const action = actionOf(form);
  const fields = typedIn(form).map((field) => [field.name, field.value, field.checked]);
  store({ person, page: here, to, action, nth: alike(action).indexOf(form), fields, isUnsent });
};

const isChanged = (field) =>
  isTick(field) ? field.checked !== field.defaultChecked : "defaultValue" in field && field.value !== field.defaultValue;

// Before a page that learns of the end of the login by itself goes away: the first form that somebody wrote in.
export const keepChanged = () => {
  const form = [...document.querySelectorAll("main form")].find((each) => isPost(each) && typedIn(each).some(isChanged));
  if (person && form) keep(form, "", true);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !person || !isPost(form) || !form.closest("main")) return;
  const address = event.submitter?.getAttribute("formaction") ?? actionOf(form);
  keep(form, new URL(address, location.href).pathname, false);
});

const putBack = (kept) => {
  const form = alike(kept.action)[kept.nth];
  if (!form) return;
  const left = [...kept.fields];
  for (const field of typedIn(form)) {
    const at = left.findIndex(([name, value]) => name === field.name && (!isTick(field) || value === field.value));
    if (at < 0) continue;
    const [[, value, checked]] = left.splice(at, 1);
    if (isTick(field) ? field.checked === checked : field.value === value) continue;
    if (isTick(field)) field.checked = checked;
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  }
  document.getElementById("unsent").hidden = false;
};

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (kept && unsent !== undefined) {
  // The address of a form's deed is no page: on from there to the page of the form.
  if (kept.isUnsent && kept.to === location.pathname && kept.page !== here) location.replace(kept.page);
  else store({ ...kept, isUnsent: true });
} else if (kept && person) {
  sessionStorage.removeItem(KEPT);
  if (kept.isUnsent && kept.person === person && kept.page === here) putBack(kept);
}
