// Everything here is a convenience: each page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;

  // Theme: the form posts without JavaScript; with it, the colours change at once.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.target.matches("[data-theme-form]") || !button) return;
    event.preventDefault();
    const theme = button.value;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    fetch("/preferences", { method: "POST", redirect: "manual", body: new URLSearchParams(new FormData(event.target, button)) }).catch(() => {});
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const other of document.querySelectorAll("[data-theme-form] button")) {
      other.setAttribute("aria-pressed", String(other.value === theme));
    }
  });

  // Tabs that do not fit: the one that is open comes into sight.
  for (const open of document.querySelectorAll(".tabs > [aria-current], .segmented > [aria-current]")) {
    const shown = open.parentElement.getBoundingClientRect(), tab = open.getBoundingClientRect();
    if (tab.right > shown.right) open.parentElement.scrollLeft += tab.left - shown.left - (shown.width - tab.width) / 2;
  }

  // Rows: j / k move, Enter opens the first link, x ticks the box.
  const rows = () => [...document.querySelectorAll("table.data[data-rows] tbody tr")].filter((row) => row.querySelector("a, input"));
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.hasAttribute("data-current"));
    const next = all[Math.min(all.length - 1, Math.max(0, now + step))];
    if (now >= 0) all[now].removeAttribute("data-current");
    next.setAttribute("data-current", "");
    (next.querySelector("a") || next.querySelector("input")).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  let leader = 0;

  // The help: the keys of this page are those of its buttons and links, each once.
  const named = (target) => (target.getAttribute("aria-label") || target.textContent || target.value || "").trim().replace(/\s+/g, " ");
  const showKeys = () => {
    const help = one("dialog#keys");
    if (!help || help.open) return;
    const list = help.querySelector("#keys-here dl");
    const known = new Map();
    for (const target of document.querySelectorAll("main [data-hotkey], main [data-row-key]")) {
      const key = target.dataset.hotkey || target.dataset.rowKey;
      const name = named(target).slice(0, 80);
      if (name && !known.has(key)) known.set(key, name);
    }
    list.replaceChildren(...[...known].map(([key, name]) => {
      const line = document.createElement("div"), term = document.createElement("dt"), said = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = key; term.append(cap); said.textContent = name; line.append(term, said);
      return line;
    }));
    list.className = "keys";
    help.querySelector("#keys-here").hidden = known.size === 0;
    help.showModal();
  };

  // Search everywhere: answers under the field while typing; arrows choose, Enter opens.
  const field = one("[data-search]"), found = one("#found");
  const things = /^\/backoffice\/(clients|debtors|contracts|remittances|receivables|funding|bank\/lines)\/\d+$/;
  const recentKey = "cessio-seen";
  const recent = () => { try { return JSON.parse(localStorage.getItem(recentKey)) || []; } catch { return []; } };
  if (things.test(location.pathname)) {
    const heading = one("main h1");
    const now = { href: location.pathname, name: heading ? heading.textContent.trim().slice(0, 80) : document.title };
    try { localStorage.setItem(recentKey, JSON.stringify([now, ...recent().filter((seen) => seen.href !== now.href)].slice(0, 8))); } catch { /* nothing is remembered */ }
  }
  document.addEventListener("submit", (event) => { if (event.target.action && event.target.action.endsWith("/sign-out")) localStorage.removeItem(recentKey); });
  if (field && found) {
    let asked = 0, timer = 0;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-controls", "found");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    const options = () => [...found.querySelectorAll("[role=option]")];
    const close = () => { found.hidden = true; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); };
    const open = () => {
      options().forEach((option, index) => { option.id = `found-${index}`; });
      found.hidden = !found.childElementCount;
      field.setAttribute("aria-expanded", String(!found.hidden));
      field.removeAttribute("aria-activedescendant");
    };
    const choose = (step) => {
      const all = options();
      if (!all.length || found.hidden) return;
      const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
      const next = all[(now + step + all.length + (now < 0 && step < 0 ? 1 : 0)) % all.length];
      all.forEach((option) => option.setAttribute("aria-selected", String(option === next)));
      field.setAttribute("aria-activedescendant", next.id);
      next.scrollIntoView({ block: "nearest" });
    };
    const lately = () => {
      const seen = recent().filter((one) => things.test(one.href));
      found.replaceChildren();
      if (seen.length) {
        const group = document.createElement("div"), title = document.createElement("h3");
        group.setAttribute("role", "group"); title.textContent = found.dataset.recent; group.setAttribute("aria-label", found.dataset.recent);
        group.append(title, ...seen.map((one) => {
          const link = document.createElement("a");
          link.href = one.href; link.textContent = one.name; link.setAttribute("role", "option"); link.tabIndex = -1;
          return link;
        }));
        found.append(group);
      }
      open();
    };
    const ask = async () => {
      const words = field.value.trim();
      if (words.length < 2) return lately();
      const mine = ++asked;
      const answer = await fetch(`/backoffice/search?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true", "HX-Target": "found" } }).catch(() => null);
      if (!answer || !answer.ok || mine !== asked) return;
      found.innerHTML = await answer.text();
      open();
    };
    found.setAttribute("role", "listbox");
    found.setAttribute("aria-label", field.getAttribute("aria-label"));
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 140); });
    field.addEventListener("focus", () => { if (found.hidden) ask(); });
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { event.preventDefault(); choose(1); }
      else if (event.key === "ArrowUp") { event.preventDefault(); choose(-1); }
      else if (event.key === "Escape") { if (!found.hidden) { event.preventDefault(); close(); } else field.blur(); }
      else if (event.key === "Enter") {
        const chosen = found.hidden ? null : found.querySelector("[aria-selected=true]");
        if (chosen) { event.preventDefault(); chosen.click(); }
      }
    });
    document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".search")) close(); });
    field.closest("form").addEventListener("focusout", (event) => { if (event.relatedTarget && !event.relatedTarget.closest(".search")) close(); });
  }

  document.addEventListener("keydown", (event) => {
    const search = one("[data-search]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && search) {
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/" && search) { event.preventDefault(); search.focus(); return; }
    if (one("dialog[open]")) return;
    if (event.key === "?") return showKeys();
    if (event.key === "j") return move(1);
    if (event.key === "k") return move(-1);
    const rowed = one(`tr[data-current] [data-row-key="${CSS.escape(event.key)}"]`);
    if (rowed) { event.preventDefault(); rowed.click(); return; }
    if (event.key === "x") { const box = one("tr[data-current] input[type=checkbox]"); if (box) box.click(); return; }
    if (event.key === "g") { leader = Date.now(); return; }
    if (Date.now() - leader < 1200) {
      leader = 0;
      const link = one(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) { link.click(); return; }
    }
    const hot = one(`[data-hotkey="${CSS.escape(event.key)}"]`);
    if (hot) { event.preventDefault(); hot.click(); }
  });

  // Buttons: one click, one submission; "select all" boxes; forms that submit on change.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    const button = event.submitter;
    if (button) setTimeout(() => { button.disabled = true; }, 0);
  });
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[method=post] [type=submit][disabled]")) {
      if (!button.hasAttribute("data-disabled")) button.disabled = false;
    }
  });
  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-select-all]")) {
      for (const box of target.closest("table").querySelectorAll("tbody input[type=checkbox]")) box.checked = target.checked;
    }
    if (target.closest("form[data-auto-submit]")) target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-print]");
    if (button) window.print();
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => { if (copy.dataset.done) copy.textContent = copy.dataset.done; });
    }
    const close = event.target.closest("[data-close]");
    if (close) close.closest(".flash").remove();
  });

  // After a refused form the first wrong field gets the focus.
  if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = false; });
  const focusError = () => { const wrong = one("[aria-invalid=true]"); if (wrong) wrong.focus(); };
  document.addEventListener("DOMContentLoaded", focusError);
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelector("[aria-invalid=true]")) focusError(); });
})();
