/* 智汇攻关: says when the login is about to end, and keeps it on a click. The server's word decides, because another tab
   may have gone on; to ask it prolongs nothing. Without this file a form sent too late comes back after the login. */
(() => {
  "use strict";

  const dialog = document.getElementById("session-end");
  if (!dialog || !dialog.showModal) return;
  const { url, account } = dialog.dataset;
  const warn = Number(dialog.dataset.warn);
  const parts = [...dialog.querySelectorAll("[data-state]")];
  const spoken = dialog.querySelector("[data-spoken]");
  const tabs = new BroadcastChannel("zhgg-session");
  let state = "";
  let closed = "";
  let end = 0;
  let timer;

  const ask = async (method) => {
    const field = document.querySelector("[name=csrfmiddlewaretoken]");
    const headers = method === "POST" && field ? { "X-CSRFToken": field.value } : {};
    const answer = await fetch(url, { method, headers, cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  };

  const look = async (method = "GET") => {
    clearTimeout(timer);
    try {
      take(await ask(method));
    } catch {
      timer = setTimeout(look, 10_000);
    }
  };

  const later = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(look, seconds * 1000);
  };

  const take = (answer) => {
    if (answer.left > 0 && answer.account !== account) return show("other");
    if (answer.left <= 0) return show("ended");
    /* Another login in this browser has changed what forms must send back. */
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = answer.token;
    end = Date.now() + answer.left * 1000;
    if (answer.left > warn) {
      hide();
      return later(answer.left - warn);
    }
    show(answer.absolute ? "absolute" : "idle");
    later(Math.min(answer.left, 10));
  };

  const show = (next) => {
    if (next !== state) {
      state = next;
      for (const part of parts) part.hidden = part.dataset.state !== next;
      dialog.setAttribute("aria-labelledby", `session-${next}`);
      dialog.setAttribute("aria-describedby", `session-${next}-text`);
      spoken.textContent = "";
    }
    tick();
    if (closed === next) return;
    if (!dialog.open) dialog.showModal();
    const part = parts.find((each) => !each.hidden);
    if (!part.contains(document.activeElement)) part.querySelector("button, a").focus();
  };

  const hide = () => {
    state = closed = "";
    dialog.close();
  };

  const tick = () => {
    if (state !== "idle" && state !== "absolute") return;
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const words = left >= 60 ? `${Math.floor(left / 60)} 分 ${left % 60} 秒` : `${left} 秒`;
    for (const place of dialog.querySelectorAll("[data-left]")) place.textContent = words;
    /* The seconds are seen; heard are only these two. */
    if (left === 60 || left === 30) spoken.textContent = `${words}后自动退出登录`;
  };

  const keep = async () => {
    await look("POST");
    tabs.postMessage("");
  };

  dialog.querySelector("[data-keep]").addEventListener("click", keep);
  for (const closer of dialog.querySelectorAll("[data-close]")) closer.addEventListener("click", () => dialog.close());
  dialog.addEventListener("cancel", (event) => {
    if (state !== "idle") return;
    event.preventDefault();
    keep();
  });
  dialog.addEventListener("close", () => (closed = state));
  tabs.addEventListener("message", () => state && look());
  document.addEventListener("visibilitychange", () => document.hidden || look());
  window.addEventListener("pageshow", (event) => event.persisted && look());
  setInterval(tick, 1000);
  later(Math.max(0, Number(dialog.dataset.left) - warn));
  tabs.postMessage("");
})();
