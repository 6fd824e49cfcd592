/* 附件: files go up by themselves as soon as they are chosen, one after the other, with progress. The server's answer is
   the page that it would send without this script; what changed is taken from it. */
(() => {
  "use strict";

  const status = document.querySelector("[data-upload-status]");
  if (!status) return;
  const waiting = [];
  let running = null;

  const make = (tag, css, text) => {
    const element = document.createElement(tag);
    if (css) element.className = css;
    if (text) element.textContent = text;
    return element;
  };

  const button = (job, text, act) => {
    const made = make("button", "linkbtn", text);
    made.type = "button";
    made.append(make("span", "vh", job.file.name));
    made.addEventListener("click", act);
    return made;
  };

  /* One line for each file on its way. */
  const show = (job, text, css = "") => {
    job.text.className = css;
    job.text.textContent = text;
  };

  const leave = (job) => {
    const focused = job.line.contains(document.activeElement);
    job.line.remove();
    if (focused) job.slot.focus();
  };

  const add = (slot, url, file) => {
    const job = { slot, url, file, line: make("li"), text: make("small"), bar: make("progress"), ops: make("span", "ops") };
    job.bar.max = 100;
    job.bar.setAttribute("aria-label", `上传进度：${file.name}`);
    const words = make("div", "", file.name);
    words.append(job.bar, job.text);
    job.line.append(words, job.ops);
    let list = slot.querySelector(".uploads");
    if (!list) {
      list = make("ul", "files uploads");
      slot.querySelector(".slot__files").append(list);
    }
    list.append(job.line);
    queue(job);
  };

  const queue = (job) => {
    job.bar.hidden = false;
    job.bar.value = 0;
    show(job, "等待上传");
    job.ops.replaceChildren(button(job, "取消", () => cancel(job)));
    waiting.push(job);
    next();
  };

  const next = () => {
    if (running || !waiting.length) return;
    running = waiting.shift();
    send(running);
  };

  const cancel = (job) => {
    if (job === running) return job.request.abort();
    waiting.splice(waiting.indexOf(job), 1);
    leave(job);
  };

  const send = (job) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    data.append("kind", job.slot.id.slice("kind-".length));
    data.append("file", job.file);
    const request = (job.request = new XMLHttpRequest());
    status.textContent = `正在上传“${job.file.name}”`;
    show(job, "正在上传");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      job.bar.value = Math.floor((event.loaded / event.total) * 100);
      show(job, event.loaded < event.total ? `正在上传 ${job.bar.value}%` : "已传完，正在检查文件");
    });
    request.addEventListener("load", () => answer(job));
    request.addEventListener("error", () => fail(job, "网络中断，文件没有上传。", true));
    request.addEventListener("abort", () => {
      status.textContent = `已取消“${job.file.name}”`;
      leave(job);
    });
    request.addEventListener("loadend", () => {
      running = null;
      next();
    });
    request.open("POST", job.url);
    request.send(data);
  };

  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

  const answer = (job) => {
    const { request } = job;
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const mistake = page.querySelector(".field .err");
    const refusal = page.querySelector(".errpage__b p");
    if (mistake) return fail(job, words(mistake));
    if (refusal) return fail(job, words(refusal), request.status >= 500);
    if (new URL(request.responseURL).pathname !== location.pathname) {
      const other = request.status < 400 ? "登录已结束，文件没有上传。请重新登录后再上传。" : "文件没有上传，请稍后再试。";
      return fail(job, other, true);
    }
    status.textContent = `已上传“${job.file.name}”`;
    leave(job);
    for (const old of document.querySelectorAll("[data-refresh]")) {
      const fresh = page.getElementById(old.id);
      if (fresh) old.replaceChildren(...fresh.childNodes);
    }
  };

  const fail = (job, sentence, again = false) => {
    status.textContent = `“${job.file.name}”：${sentence}`;
    job.bar.hidden = true;
    show(job, sentence, "err");
    job.ops.replaceChildren(button(job, "知道了", () => leave(job)));
    if (again) job.ops.prepend(button(job, "重试", () => queue(job)));
  };

  for (const form of document.querySelectorAll("form[data-upload]")) {
    const input = form.querySelector("input[type=file]");
    const slot = form.closest("[data-slot]");
    form.querySelector("[type=submit]").remove();
    input.multiple = true;
    input.addEventListener("change", () => {
      for (const old of form.querySelectorAll(".err")) old.remove();
      for (const file of input.files) add(slot, location.pathname, file);
      input.value = "";
    });
  }

  /* 【替换】 opens the choice of a file in place of the page behind it. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-replace]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const slot = link.closest("[data-slot]");
    const input = make("input");
    input.type = "file";
    input.accept = slot.dataset.accept;
    input.addEventListener("change", () => {
      for (const file of input.files) add(slot, link.getAttribute("href"), file);
    });
    input.click();
  });

  window.addEventListener("beforeunload", (event) => {
    if (running || waiting.length) event.preventDefault();
  });
})();
