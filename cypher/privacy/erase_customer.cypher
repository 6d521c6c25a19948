// Erase one person: the customer, and the identifiers that lead to nobody else
// Answers: how many identifiers were removed, and that the customer was, with all who were merged into them. Whose the touchpoints of a shared identifier are is decided anew.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
WITH collect(DISTINCT self) AS selves
CALL (selves) {
  UNWIND selves AS self
  MATCH (i:Identifier)-[:IDENTIFIES]->(self)
  WITH DISTINCT i, EXISTS { MATCH (i)-[:IDENTIFIES]->(other) WHERE NOT other IN selves } AS shared
  FOREACH (_ IN CASE WHEN shared THEN [1] ELSE [] END | SET i:Unresolved)
  FOREACH (_ IN CASE WHEN shared THEN [] ELSE [1] END | DETACH DELETE i)
  RETURN count(CASE WHEN NOT shared THEN 1 END) AS identifiers
}
CALL (selves) {
  UNWIND selves AS self
  MATCH (self)-[:GAVE]->(said:Consent)
  DETACH DELETE said
}
FOREACH (self IN selves | DETACH DELETE self)
RETURN 1 AS customers, identifiers
