// Remove customers who have no touchpoint any more
// Answers: how many were removed, with all that was built of them, what they said about consent, whoever was merged into them, and the
// identifiers that lead to nobody else.
// Parameters:
//   $limit  integer: how many at once, e.g. 500
:params {limit: 500};
MATCH (c:Customer:Unthreaded)
WHERE NOT EXISTS { (c)-[:MADE]->() }
WITH c LIMIT $limit
CALL (c) {
  MATCH (c)-[:HAD]->(j:Journey)
  DETACH DELETE j
}
CALL (c) {
  MATCH (s:Session {customer_id: c.customer_id})
  DETACH DELETE s
}
CALL (c) {
  MATCH (c)<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
  WITH collect(DISTINCT self) AS selves
  CALL (selves) {
    UNWIND selves AS self
    MATCH (i:Identifier)-[:IDENTIFIES]->(self)
    WITH DISTINCT i, EXISTS { MATCH (i)-[:IDENTIFIES]->(other) WHERE NOT other IN selves } AS shared
    FOREACH (_ IN CASE WHEN shared THEN [1] ELSE [] END | SET i:Unresolved)
    FOREACH (_ IN CASE WHEN shared THEN [] ELSE [1] END | DETACH DELETE i)
  }
  CALL (selves) {
    UNWIND selves AS self
    MATCH (self)-[:GAVE]->(said:Consent)
    DETACH DELETE said
  }
  FOREACH (self IN selves | DETACH DELETE self)
}
RETURN count(*) AS customers
