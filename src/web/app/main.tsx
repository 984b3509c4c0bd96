import { render } from "preact";
import { connect } from "./cluster.ts";
import { startKeys } from "./keys.ts";
import { startNavigation } from "./navigate.ts";
import { Shell } from "./shell.tsx";

const root = document.getElementById("app");
if (root !== null) {
  startNavigation();
  startKeys();
  connect();
  root.textContent = "";
  render(<Shell />, root);
}
