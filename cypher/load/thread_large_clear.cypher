// Remove some of what was built for one customer who has very many touchpoints
// Answers: how many relationships and nodes were removed; 0 once nothing is left.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $limit  integer: how many of each kind at most, e.g. 10000
:params {customer_id: 'customer-1', limit: 10000};
MATCH (c:Customer {customer_id: $customer_id})
// The mark locks the customer, and it stays: of a load that died the last transaction may be committed at any time.
SET c:Unthreaded
WITH c
CALL (c) {
  MATCH (c)-[:MADE]->(:Touchpoint)-[next:NEXT]->()
  WITH next LIMIT $limit
  DELETE next
  RETURN count(*) AS steps
}
CALL (c) {
  MATCH (path:Session {customer_id: c.customer_id})-[part:INCLUDES]->()
  WITH part LIMIT $limit
  DELETE part
  RETURN count(*) AS session_parts
}
CALL (c) {
  MATCH (c)-[:HAD]->(:Journey)-[part:INCLUDES]->()
  WITH part LIMIT $limit
  DELETE part
  RETURN count(*) AS journey_parts
}
WITH c, steps + session_parts + journey_parts AS parts
CALL (c, parts) {
  MATCH (c)-[:HAD]->(path:Journey)
  WHERE parts = 0
  WITH path LIMIT $limit
  DETACH DELETE path
  RETURN count(*) AS journeys
}
CALL (c, parts) {
  MATCH (path:Session {customer_id: c.customer_id})
  WHERE parts = 0
  WITH path LIMIT $limit
  DETACH DELETE path
  RETURN count(*) AS sessions
}
RETURN parts + journeys + sessions AS removed
