// Saves a form with data-autosave five seconds after its last change. The answer has the digest that the next save is based on.
const DELAY_MS = 5000;
let timer = 0;
let running = null;

// What the saved draft meets of the publication rules, beside the form.
const showRules = (html) => {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  document.querySelector("[data-draft-rules]")?.replaceChildren(...parsed.body.childNodes);
};

const save = async (form) => {
  const status = document.querySelector("[data-autosave-status]");
  const { saved, unsaved } = form.dataset;
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const answer = await response.json();
    if (response.ok) form.elements.based_on.value = answer.based_on;
    if (answer.rules) showRules(answer.rules);
    status.textContent = response.ok ? `${saved} ${answer.time}` : `${unsaved} ${answer.problem}`;
  } catch {
    status.textContent = unsaved;
  }
  running = null;
};

const schedule = (event) => {
  const form = event.target.closest("form[data-autosave]");
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    await running;
    running = save(form);
  }, DELAY_MS);
};
for (const name of ["input", "change"]) document.addEventListener(name, schedule);

// What is sent by hand waits for a save that is under way, and is based on it.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-autosave]")) return;
  clearTimeout(timer);
  if (!running) return;
  event.preventDefault();
  await running;
  form.requestSubmit(event.submitter);
});
