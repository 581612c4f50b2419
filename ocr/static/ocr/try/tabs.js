/** Tabs as WAI-ARIA describes them: one stop for Tab, arrows go from one to the next. */

import { findAll, show } from "./dom.js";

const tabs = findAll("[role=tab]");
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
const shown = () => tabs.filter((tab) => !tab.hidden);

export function choose(chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
    show(panelOf(tab), tab === chosen);
  }
}

/** Only these have something to show; the first is chosen. */
export function offer(names) {
  for (const tab of tabs) show(tab, names.includes(tab.id.replace("tab-", "")));
  choose(shown()[0]);
}

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const all = shown();
    const places = { Home: 0, End: all.length - 1 };
    const place = places[event.key] ?? (all.indexOf(tab) + (STEPS[event.key] ?? 0) + all.length) % all.length;
    if (!(event.key in places) && !(event.key in STEPS)) return;
    event.preventDefault();
    choose(all[place]);
    all[place].focus();
  });
}
