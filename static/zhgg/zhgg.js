/* 智汇攻关: conveniences. Every page works without this file; it only adds. */
(() => {
  "use strict";

  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("js");

  /* Dialogs: a link with data-dialog leads to a full page; with script the <dialog> of that id opens in its place. A
     button that would be posted hands its value to the form of the dialog. */
  const openDialog = (event, link) => {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!dialog || !dialog.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.name) dialog.querySelector(`input[name="${link.name}"]`).value = link.value;
    dialog.showModal();
    const first = dialog.querySelector("[data-focus]");
    if (first) first.focus();
    dialog.addEventListener("close", () => link.focus(), { once: true });
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) openDialog(event, opener);
    const closer = event.target.closest("[data-close]");
    if (closer && closer.closest("dialog")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
    if (event.target.closest("[data-print]")) window.print();
    for (const menu of all("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  /* Keys: Esc closes the account menu, / goes to the first search condition. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of all("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = document.querySelector("[data-search], .filters .input");
    if (!field) return;
    event.preventDefault();
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.focus();
  });

  /* Search conditions fold on the phone, the menu at the left and the steps of filling in below 64rem. Pages are first
     drawn when this file has run (blocking="render"), so that nothing moves under somebody's finger. */
  const foldWhere = (query, selector) => {
    const narrow = matchMedia(query);
    const fold = () =>
      all(selector).forEach((details) => (details.open = !narrow.matches || details.querySelector(".err") !== null));
    fold();
    narrow.addEventListener("change", fold);
  };
  foldWhere("(max-width: 47.99rem)", "details.filters");
  foldWhere("(max-width: 63.99rem)", "details.side, details.steps-box");

  /* The current tab is brought into sight. */
  for (const tab of all(".tabs [aria-current]")) {
    const row = tab.closest(".tabs");
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }

  /* Tick all rows of this page, and none. */
  for (const box of all("[data-check-all]")) {
    const area = box.closest(".selset") || document;
    const rows = () => all(".row-check:not(:disabled)", area);
    const count = () => {
      const ticked = rows().filter((row) => row.checked).length;
      box.checked = ticked > 0 && ticked === rows().length;
      box.indeterminate = ticked > 0 && !box.checked;
    };
    const tick = (value) => {
      rows().forEach((row) => (row.checked = value));
      count();
    };
    box.addEventListener("change", () => tick(box.checked));
    area.addEventListener("change", count);
    all("[data-uncheck]", area).forEach((button) => button.addEventListener("click", () => tick(false)));
    count();
  }

  /* Rows per page: a change asks for the list again. */
  for (const select of all("select[data-submit]")) {
    select.addEventListener("change", () => select.form.submit());
  }

  /* How many characters a text has. Counted in code points, as the server counts; also in rows that come later. */
  const countText = (area) => {
    const counter = document.getElementById(`${area.id}_count`);
    if (counter) counter.textContent = `${[...area.value].length} / ${area.dataset.count} 字`;
  };
  all("textarea[data-count]").forEach(countText);
  document.addEventListener("input", (event) => event.target.matches("textarea[data-count]") && countText(event.target));

  /* A form with data-guard asks before typed text is lost. One with data-autosave says itself what is saved. */
  for (const form of all("form[data-guard]")) {
    let changed = "unsaved" in form.dataset;
    form.addEventListener("input", () => {
      changed = true;
      const state = form.querySelector(".savestate");
      if (state && !("autosave" in form.dataset)) state.textContent = "有未保存的修改";
    });
    form.addEventListener("saved", () => (changed = false));
    form.addEventListener("submit", () => (changed = false));
    window.addEventListener("beforeunload", (event) => {
      if (changed) event.preventDefault();
    });
  }

  /* Reasons that are ticked are written into the text, where they can be edited; `inserted` tells the server so. */
  for (const form of all("form[data-reasons]")) {
    const text = form.elements.reason;
    const write = (value) => {
      text.value = value;
      text.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const told = (code) => all("input[name=inserted]", form).find((input) => input.value === code);
    form.addEventListener("change", ({ target: box }) => {
      if (box.name !== "templates") return;
      const words = box.closest("label").textContent.trim();
      if (words.startsWith("其他")) {
        if (box.checked) text.focus();
      } else if (box.checked) {
        const note = Object.assign(document.createElement("input"), { type: "hidden", name: "inserted" });
        note.value = box.value;
        form.append(note);
        write([text.value.trimEnd(), words].filter(Boolean).join("\n"));
      } else if (told(box.value)) {
        told(box.value).remove();
        write(text.value.replace(words, "").replace(/\n{2,}/g, "\n").trim());
      }
    });
  }

  /* After a refused form the summary of mistakes is read out first. */
  const summary = document.getElementById("form-errors");
  if (summary) summary.focus();
})();
