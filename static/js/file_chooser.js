// The site takes no uploads: the text of a chosen file goes into the form's text area.
const show = () => {
  for (const place of document.querySelectorAll("[data-file-chooser]")) place.hidden = false;
};
show();
document.addEventListener("htmx:load", show);
document.addEventListener("change", async (event) => {
  const place = event.target.closest("[data-file-chooser]");
  const file = place && event.target.files?.[0];
  if (!file) return;
  const area = document.getElementById(place.dataset.fileChooser);
  area.value = await file.text();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});
