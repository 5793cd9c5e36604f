// Everything here is a convenience: each page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  // Theme: the form posts without JavaScript; with it, the colours change at once.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!event.target.matches("[data-theme-form]") || !button) return;
    event.preventDefault();
    const theme = button.value;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const other of document.querySelectorAll("[data-theme-form] button")) {
      other.setAttribute("aria-pressed", String(other.value === theme));
    }
  });

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
  const jump = { c: "clients", d: "debtors", r: "receivables", b: "bank", f: "funding", t: "today" };
  let leader = 0;

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
    if (event.key === "?") { const help = one("dialog#keys"); if (help && !help.open) help.showModal(); return; }
    if (event.key === "j") return move(1);
    if (event.key === "k") return move(-1);
    const rowed = one(`tr[data-current] [data-row-key="${CSS.escape(event.key)}"]`);
    if (rowed) { event.preventDefault(); rowed.click(); return; }
    if (event.key === "x") { const box = one("tr[data-current] input[type=checkbox]"); if (box) box.click(); return; }
    if (event.key === "g") { leader = Date.now(); return; }
    if (Date.now() - leader < 1200 && jump[event.key]) {
      const link = one(`.rail a[data-key="${jump[event.key]}"]`);
      if (link) link.click();
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
    if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy);
    const close = event.target.closest("[data-close]");
    if (close) close.closest(".flash").remove();
  });

  // After a refused form the first wrong field gets the focus.
  const focusError = () => { const wrong = one("[aria-invalid=true]"); if (wrong) wrong.focus(); };
  document.addEventListener("DOMContentLoaded", focusError);
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelector("[aria-invalid=true]")) focusError(); });
})();
