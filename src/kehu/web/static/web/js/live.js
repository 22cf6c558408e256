// What changed just now. A page hears of topics by server-sent events and dispatches them on the body as live-<topic>;
// elements ask for themselves again: hx-trigger="live-jobs from:body". Without a stream the clock does the same.
"use strict";
(() => {
  const EVERY = { pops: 3000, jobs: 2000, notices: 10000, road: 10000, review: 10000 };
  const GIVE_UP_AFTER = 3;
  let source = null;
  let clocks = [];
  let failures = 0;

  const tell = (topic) => document.body.dispatchEvent(new CustomEvent(`live-${topic}`));
  const tellAll = () => Object.keys(EVERY).forEach(tell);

  const stopClocks = () => { clocks.forEach(clearInterval); clocks = []; };
  const startClocks = () => {
    if (!clocks.length) clocks = Object.entries(EVERY).map(([topic, pause]) => setInterval(() => { if (!document.hidden) tell(topic); }, pause));
  };
  const stop = () => { source?.close(); source = null; };
  const start = () => {
    const address = document.querySelector("[data-live]")?.dataset.live;
    if (!address || source) return;
    if (!("EventSource" in window)) { startClocks(); return; }
    source = new EventSource(address);
    source.addEventListener("open", () => { failures = 0; stopClocks(); });
    for (const topic of Object.keys(EVERY)) source.addEventListener(topic, () => tell(topic));
    source.addEventListener("error", () => {
      failures += 1;
      startClocks();
      // 204 and refusals close the stream for good; a server that starts again is asked a few times.
      if (source?.readyState === EventSource.CLOSED || failures >= GIVE_UP_AFTER) stop();
    });
  };

  document.addEventListener("DOMContentLoaded", start);
  // A hidden tab holds no line: browsers allow six to one host.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stop(); return; }
    failures = 0;
    stopClocks();
    start();
    tellAll();
  });
  window.addEventListener("pagehide", stop);
})();
