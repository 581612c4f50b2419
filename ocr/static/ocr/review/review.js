// Links values with their places on the cards, and listens to the keys that the page names.

const named = (path) => document.querySelectorAll(`[data-field="${CSS.escape(path)}"]`);

function light(path, on) {
  for (const element of named(path)) element.classList.toggle("lit", on);
}

for (const element of document.querySelectorAll("[data-field]")) {
  const path = element.dataset.field;
  for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]]) {
    element.addEventListener(event, () => light(path, on));
  }
}

for (const area of document.querySelectorAll("polygon[data-field]")) {
  area.addEventListener("click", () => document.querySelector(`tr[data-field="${CSS.escape(area.dataset.field)}"]`).focus());
}

const reason = document.getElementById("reason");
const jumps = { r: reason, c: document.querySelector("tr.missing input, tr.unsure input") ?? document.querySelector("tr input") };

function press(event) {
  const typing = event.target.closest("input, textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const target = jumps[key] ?? document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (key in jumps) target.focus();
  else target.click();
}

if (document.getElementById("decide")) document.addEventListener("keydown", press);

// Enter approves nobody by accident: in the reason it rejects, in a value it saves.
document.getElementById("decide")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  document.querySelector(event.target === reason ? "button.reject" : "button.save").click();
});

for (const shown of document.querySelectorAll("pre[data-json]")) {
  const value = JSON.parse(document.getElementById(shown.dataset.json).textContent);
  shown.textContent = JSON.stringify(value, null, 2);
}
