/* 【预览】 of a Markdown text without leaving the page: the same POST as without script, of whose answer only the
   preview is put in place. */
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-preview]")) {
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      const place = document.getElementById(button.dataset.preview);
      const body = new FormData(button.form);
      body.append(button.name, button.value);
      try {
        const answer = await fetch(button.form.action, { method: "POST", body });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const shown = page.getElementById(place.id);
        if (!answer.ok || !shown) throw new Error(answer.status);
        place.replaceChildren(...shown.childNodes);
        place.focus();
      } catch {
        /* Whatever went wrong, the page that the server answers says it. */
        const plain = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: "1" });
        button.form.append(plain);
        button.form.requestSubmit();
      }
    });
  }
})();
