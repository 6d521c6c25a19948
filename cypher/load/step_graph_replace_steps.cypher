// Replace the steps of the step graph
// Answers: nothing; steps that occur no longer are removed, and every transition (step_graph_write brings the new ones).
// Parameters:
//   $steps  list of maps with name, stage, channel, goal, e.g. [{name: 'cart', stage: 'consideration', channel: 'web', goal: false}]
:params {steps: [{name: 'cart', stage: 'consideration', channel: 'web', goal: false}]};
CALL () {
  MATCH (:Step)-[transition:LEADS_TO]->()
  DELETE transition
}
CALL () {
  MATCH (s:Step)
  WHERE NOT s.name IN [step IN $steps | step.name]
  DETACH DELETE s
}
UNWIND $steps AS step
MERGE (s:Step {name: step.name})
SET s.stage = step.stage, s.channel = step.channel, s.goal = step.goal
