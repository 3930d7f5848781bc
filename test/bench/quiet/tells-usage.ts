/** Loaded before the command: the bench that started the process may ask what it used, and have all garbage collected. */
process.on("message", (asked) => {
  if (asked === "collect") gc!({ type: "major", flavor: "last-resort", execution: "sync" });
  const { userCPUTime, systemCPUTime, voluntaryContextSwitches } = process.resourceUsage();
  process.send!({ cpuUs: userCPUTime + systemCPUTime, sleeps: voluntaryContextSwitches });
});
process.channel!.unref();
