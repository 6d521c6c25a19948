// Mark the customers who withdrew consent to analytics
// Answers: how many are newly marked, how many no longer are, and how many there are. Journeys are put together for those alone who are not
// marked, so that no question about journeys sees the others; whoever changed is threaded again.
// Parameters:
OPTIONAL MATCH (said:Consent {purpose: 'analytics'})<-[:GAVE]-(self)
OPTIONAL MATCH (self)-[:MERGED_INTO*0..]->(c:Customer)
WITH c, said ORDER BY said.at DESC, said.status DESC
WITH c, head(collect(said.status)) AS status
WITH collect(CASE WHEN status = 'withdrawn' THEN c END) AS withdrawn
CALL (withdrawn) {
  UNWIND withdrawn AS c
  WITH c WHERE NOT c:Withheld
  SET c:Withheld, c:Unthreaded
  RETURN count(*) AS marked
}
CALL (withdrawn) {
  MATCH (c:Withheld)
  WHERE NOT c IN withdrawn
  REMOVE c:Withheld
  FOREACH (_ IN CASE WHEN c:Customer THEN [1] ELSE [] END | SET c:Unthreaded)
  RETURN count(*) AS released
}
RETURN marked, released, size(withdrawn) AS withheld
