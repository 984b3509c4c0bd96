import type { Fairness } from "../fairness/fairness.ts";
import type { Level } from "../fairness/level.ts";
import type { Family } from "./families.ts";

/** Request limits in numbers, under upstream's names. */
export function fairnessFamilies(fairness: Fairness): readonly Family[] {
  const each = (value: (level: Level) => number) => () => fairness.levels.map((level) => ({ labels: { priority_level: level.name }, value: value(level) }));
  return [
    { name: "apiserver_flowcontrol_current_executing_requests", help: "Requests at work, by priority level.", type: "gauge", read: each(({ running }) => running) },
    { name: "apiserver_flowcontrol_current_inqueue_requests", help: "Requests that wait, by priority level.", type: "gauge", read: each(({ waiting }) => waiting) },
    { name: "apiserver_flowcontrol_dispatched_requests_total", help: "Requests that got their seat.", type: "counter", read: each(({ dispatched }) => dispatched) },
    { name: "apiserver_flowcontrol_nominal_limit_seats", help: "Seats of a level; exempt ones have no limit and are left out.", type: "gauge", read: () => fairness.levels.flatMap(({ name, limits }) => (limits.seats === undefined ? [] : [{ labels: { priority_level: name }, value: limits.seats }])) },
    {
      name: "apiserver_flowcontrol_rejected_requests_total", help: "Requests that were refused with 429.", type: "counter",
      read: () => fairness.levels.flatMap(({ name, refused }) => Object.entries(refused).filter(([, value]) => value > 0).map(([reason, value]) => ({ labels: { priority_level: name, reason }, value }))),
    },
  ];
}
