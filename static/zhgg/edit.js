/* 智汇攻关: filling in an 申报书. Rows come and go, the budget adds up, what is typed saves itself. Without this file the
   same buttons send the form to the server. */
(() => {
  "use strict";

  const form = document.getElementById("tab-form");
  if (!form) return;
  const all = (selector, within = form) => [...within.querySelectorAll(selector)];
  const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));

  /* ---- Rows ---- */

  const rowsIn = (table) => all(".row", table);
  const firstField = (row) => row.querySelector(".input, .select, .textarea");

  const renumber = (table) => {
    const rows = rowsIn(table);
    rows.forEach((row, index) => all("[data-number]", row).forEach((place) => (place.textContent = index + 1)));
    table.querySelector("[data-add]").hidden = rows.length >= Number(table.dataset.most);
  };

  const say = (table, words) => (table.querySelector("[data-said]").textContent = words);

  const add = (table) => {
    const highest = form.elements[`${table.dataset.rows}-highest`];
    highest.value = Number(highest.value) + 1;
    const copy = document.createElement("template");
    copy.innerHTML = table.querySelector("template").innerHTML.replaceAll("__new__", highest.value);
    const row = copy.content.querySelector(".row");
    table.querySelector(`[name="${highest.name}"]`).before(row);
    renumber(table);
    firstField(row).focus();
    say(table, `已添加${table.dataset.noun} ${rowsIn(table).length}`);
    changed();
  };

  const isBlank = (row) => all(".input, .textarea", row).every((field) => !field.value.trim());

  const remove = (table, row) => {
    const number = rowsIn(table).indexOf(row) + 1;
    const words = `已删除${table.dataset.noun} ${number}`;
    const next = row.nextElementSibling;
    if (isBlank(row)) {
      row.remove();
    } else {
      const line = document.createElement("p");
      line.className = "undo";
      line.innerHTML = '<span></span><button class="btn btn--sm" type="button">撤销</button>';
      line.firstChild.textContent = words;
      row.replaceWith(line);
      line.lastChild.addEventListener("click", () => {
        line.replaceWith(row);
        renumber(table);
        firstField(row).focus();
        say(table, `已恢复${table.dataset.noun} ${rowsIn(table).indexOf(row) + 1}`);
        changed();
      });
      line.lastChild.focus();
    }
    renumber(table);
    if (document.activeElement === document.body) {
      (next && next.matches(".row") ? firstField(next) : table.querySelector("[data-add]")).focus();
    }
    say(table, words);
    changed();
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    if (!button) return;
    event.preventDefault();
    const table = button.closest("[data-rows]");
    if ("add" in button.dataset) add(table);
    else remove(table, button.closest(".row"));
  });

  /* ---- Budget: whole cents (0.01 万元), as exact as the server's decimals ---- */

  const cents = (typed) => {
    const found = /^0*(\d{0,7})(?:\.(\d{0,2})0*)?$/.exec(typed.normalize("NFKC").replace(/[\s,]/g, ""));
    return found ? Number(found[1] || 0) * 100 + Number((found[2] || "").padEnd(2, "0")) : 0;
  };
  const count = (typed) => (/^\s*\d{1,4}\s*$/.test(typed) ? Number(typed) : 0);
  const words = (number) => {
    const whole = Math.floor(Math.abs(number) / 100).toLocaleString("en-US");
    return `${whole}.${String(Math.abs(number) % 100).padStart(2, "0")}`;
  };
  const sum = (prefix) => {
    if (prefix.startsWith("both_")) return sum(prefix.replace("both", "fiscal")) + sum(prefix.replace("both", "own"));
    return all(`[name^="${prefix}"]`).reduce((total, field) => total + cents(field.value), 0);
  };
  /* 30 % of the base up to 500 万元, 25 % of what lies between 500 and 1,000, 20 % of what is above; whole cents. */
  const cap = (base) => {
    const part = (from, to) => Math.max(0, Math.min(base, to) - from);
    return Math.floor((part(0, 50000) * 30 + part(50000, 100000) * 25 + part(100000, Infinity) * 20) / 100);
  };
  const over = (gap, more, less) => `${gap > 0 ? more : less} ${words(gap)}`;

  const addUp = () => {
    for (const cell of all("[data-sum]")) cell.textContent = words(sum(cell.dataset.sum));
    for (const cell of all("[data-balance]")) {
      const gap = sum(`${cell.dataset.balance}_`) - sum(cell.dataset.source);
      cell.textContent = gap ? over(gap, "支出比来源多", "支出比来源少") : "相等";
    }
    for (const cell of all("[data-cap]")) {
      const column = cell.dataset.cap;
      const most = cap(sum(`${column}_1`) - sum(`${column}_1101`));
      cell.textContent = `上限 ${words(most)}，${over(sum(`${column}_2`) - most, "超出", "还可填")}`;
    }
    for (const place of all("[data-equipment]")) {
      const rows = all('[data-rows="equipment"] .row');
      const value = (row, name) => row.querySelector(`[name$="-${name}"]`).value;
      const total = rows.reduce((so, row) => so + count(value(row, "quantity")) * cents(value(row, "price")), 0);
      place.textContent = words(total);
    }
  };
  if (form.querySelector("[data-sum]")) form.addEventListener("input", addUp);

  /* ---- Saving by itself ---- */

  const state = form.querySelector(".savestate");
  const tell = (words, bad = false) => {
    if (state.textContent !== words) state.textContent = words;
    state.classList.toggle("is-bad", bad);
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-discard]")) form.dispatchEvent(new Event("saved"));
  });
  if (!("autosave" in form.dataset)) return;

  const PAUSE = 3000;
  const LONGEST = 20000;
  let timer = 0;
  let dirty = false;
  let busy = null;
  let unanswered = null;
  let stopped = false;
  let failures = 0;

  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };

  /* Those that the server drew are replaced as well. */
  const clearErrors = () => {
    for (const error of all(".err")) error.remove();
    for (const field of all("[aria-invalid]")) field.removeAttribute("aria-invalid");
  };
  const showErrors = (errors) => {
    clearErrors();
    const nowhere = [];
    for (const [target, , message] of errors) {
      const control = target && document.getElementById(target);
      if (!control) {
        nowhere.push(message);
        continue;
      }
      const error = document.getElementById("mistake").content.firstElementChild.cloneNode(true);
      error.id = `${target}_error`;
      error.lastElementChild.textContent = message;
      if (control.matches("input, select, textarea")) {
        control.setAttribute("aria-invalid", "true");
        const described = (control.getAttribute("aria-describedby") || "").split(" ").filter(Boolean);
        if (!described.includes(error.id)) control.setAttribute("aria-describedby", [...described, error.id].join(" "));
      }
      (control.closest(".field") || control).append(error);
    }
    tell(`没有保存：有 ${errors.length} 处需要修改${nowhere.length ? `。${nowhere.join("；")}` : ""}`, true);
  };

  const take = (status, answer) => {
    if (answer.saved) {
      form.elements.version.value = answer.version;
      clearErrors();
      if (!dirty) form.dispatchEvent(new Event("saved"));
      return tell(`已于 ${answer.saved} 自动保存`);
    }
    if (answer.errors) return showErrors(answer.errors);
    /* Nothing that this page sends by itself can be right any more: the user decides. */
    stopped = true;
    if (answer.stale) return tell(`没有保存：${answer.stale} 已在另一个窗口保存过。请点【保存】，比较后再选定`, true);
    tell(`没有保存：${answer.refused}`, true);
  };

  const send = async (body) => {
    const limit = new AbortController();
    const watch = setTimeout(() => limit.abort(), LONGEST);
    try {
      const answer = await fetch(location.pathname, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "manual",
        signal: limit.signal,
      });
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      if (answer.type === "opaqueredirect" || answer.status === 401 || (answer.status === 403 && !isJson)) {
        return ["login"];
      }
      if (!isJson) throw new Error(answer.status);
      return [answer.status, await answer.json()];
    } finally {
      clearTimeout(watch);
    }
  };

  /* A request without an answer is repeated as it was: the server takes the same once more, and what was typed since
     follows. */
  const save = () => {
    clearTimeout(timer);
    if (busy || stopped || !(dirty || unanswered)) return;
    if (!unanswered) {
      unanswered = new URLSearchParams(new FormData(form));
      dirty = false;
    }
    unanswered.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const slow = setTimeout(() => tell("正在保存…"), 1000);
    busy = send(unanswered)
      .then(([status, answer]) => {
        unanswered = null;
        failures = 0;
        if (status === "login") {
          dirty = true;
          return tell("登录已过期，没有保存。内容都还在本页，请重新登录后点【保存】", true);
        }
        take(status, answer);
        if (dirty) later(PAUSE);
      })
      .catch(() => {
        failures += 1;
        tell("没有保存成功，请检查网络后点【保存】", true);
        later(Math.min(60000, 5000 * 2 ** failures));
      })
      .finally(() => {
        clearTimeout(slow);
        busy = null;
      });
  };

  form.addEventListener("input", () => {
    dirty = true;
    if (!failures) later(PAUSE);
  });
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());

  /* 【保存】 waits for an automatic save that is under way: two at once would overtake each other. */
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!busy) {
      stopped = true;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    busy.then(() => form.requestSubmit(button));
  }, true);
})();
