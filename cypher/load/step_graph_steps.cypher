// What the touchpoints say about each step
// Answers: for each step, channel and stage how many touchpoints have them together.
// Parameters:
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics count nowhere
}
MATCH (t:Touchpoint)
WHERE NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) }
RETURN t.step AS step, t.channel AS channel, t.stage AS stage, count(*) AS touchpoints
