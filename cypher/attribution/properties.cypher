// The properties of touchpoints that the source brought along
// Answers: the name of every property that begins with p_, and how many touchpoints have it.
// Parameters:
MATCH (t:Touchpoint)
UNWIND [key IN keys(t) WHERE key STARTS WITH 'p_'] AS name
RETURN name, count(*) AS touchpoints
ORDER BY name
