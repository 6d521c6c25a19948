// What the touchpoints say about each step
// Answers: for each step, channel and stage how many touchpoints have them together.
// Parameters:
MATCH (t:Touchpoint)
RETURN t.step AS step, t.channel AS channel, t.stage AS stage, count(*) AS touchpoints
