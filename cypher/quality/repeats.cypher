// What seems to be there twice
// Answers: for each source its touchpoints that repeat the customer's touchpoint before them: the same step at the same instant
// under another id. Exact duplicates are never stored, and events that several sources told of may have been set aside.
// Parameters:
MATCH (before:Touchpoint)-[next:NEXT]->(t:Touchpoint)
WHERE next.seconds = 0 AND before.step = t.step
RETURN t.source AS source, count(*) AS repeats
ORDER BY source
