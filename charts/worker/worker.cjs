// Does a piece of work every few seconds; on SIGTERM it finishes the one under way and ends.
const { MESSAGE = "working", INTERVAL_SECONDS = "5", POD_NAME = "" } = process.env;
let count = 0;
const timer = setInterval(() => console.log(`${MESSAGE}: piece ${++count} ${POD_NAME}`), Number(INTERVAL_SECONDS) * 1000);
console.log(`${MESSAGE}: started ${POD_NAME}`);
process.on("SIGTERM", () => {
  clearInterval(timer);
  console.log(`${MESSAGE}: finished after ${count}`);
});
