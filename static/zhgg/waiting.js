/* 智汇攻关: a page that waits for the worker asks now and then, and shows itself anew when the work is done. Without this
   file 【刷新】 does the same. */
(() => {
  "use strict";

  const waiting = document.querySelector("[data-waiting]");
  if (!waiting) return;
  const until = Date.now() + 10 * 60 * 1000;
  let pause = 1500;

  const ask = async () => {
    try {
      const answer = await fetch(waiting.dataset.waiting, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected || !(await answer.json()).waiting) return location.reload();
    } catch {
      /* The connection is away for a moment. */
    }
    pause = Math.min(pause * 1.3, 15000);
    if (Date.now() < until) setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
})();
