import type { Family } from "./families.ts";

/** The daemon as a process, under the names every Prometheus client has. */
export function processFamilies(startMs: number): readonly Family[] {
  return [
    { name: "process_resident_memory_bytes", help: "Resident memory.", type: "gauge", read: () => process.memoryUsage.rss() },
    { name: "process_cpu_seconds_total", help: "User and system time spent.", type: "counter", read: () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; } },
    { name: "process_start_time_seconds", help: "When the process began, in seconds since 1970.", type: "gauge", read: () => startMs / 1_000 },
    { name: "nodejs_heap_size_used_bytes", help: "Memory of living and not yet collected values.", type: "gauge", read: () => process.memoryUsage().heapUsed },
  ];
}
