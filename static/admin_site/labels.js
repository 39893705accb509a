// Names for the controls of Django's forms that have none: delete boxes, select2 fields, help symbols, empty headings.
const { deleteLabel, objectLabel } = document.querySelector("script[data-delete-label]").dataset;

const hiddenText = (text) => Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: text });
const nameByColumn = (field) => {
  const cell = field.closest("td");
  const table = cell.closest(".inline-group table");
  if (!table || field.labels?.length || field.hasAttribute("aria-label")) return;
  const name = cell.className.match(/field-(\S+)/)?.[1];
  const heading = name && table.querySelector(`thead .column-${name}`)?.textContent.trim();
  field.setAttribute("aria-label", cell.classList.contains("delete") ? deleteLabel : heading || name || objectLabel);
};

const nameControls = () => {
  for (const field of document.querySelectorAll("td :is(input:not([type=hidden]), select, textarea)")) nameByColumn(field);
  for (const symbol of document.querySelectorAll("span.help-tooltip[aria-label]:not([role])")) symbol.setAttribute("role", "img");
  for (const heading of document.querySelectorAll("th.original:empty")) heading.append(hiddenText(objectLabel));
  for (const box of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = box.labels[0]?.textContent ?? box.getAttribute("aria-label");
    const combobox = box.nextElementSibling?.querySelector("[role=combobox]");
    if (label && combobox && !combobox.hasAttribute("aria-label")) combobox.setAttribute("aria-label", label.trim().replace(/:$/, ""));
  }
};
nameControls();
new MutationObserver(nameControls).observe(document.querySelector("main"), { childList: true, subtree: true });
