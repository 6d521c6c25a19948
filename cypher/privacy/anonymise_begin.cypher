// Anonymise one person: the customer becomes somebody without a name
// Answers: how many customers and identifiers this concerns. Households, accounts and orders of nobody else lose their ids, the
// customer the identifiers; the random name stands nowhere else.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $pseudonym  text: the random name, e.g. 'erased:5f0c'
:params {customer_id: 'customer-1', pseudonym: 'erased:5f0c'};
MATCH (c:Customer {customer_id: $customer_id})
CALL (c) {
  MATCH (c)-[:MADE]->(:Touchpoint|SetAside)-[:BELONGS_TO]->(g)
  WITH DISTINCT c, g
  WHERE NOT EXISTS { MATCH (g)<-[:BELONGS_TO]-(:Touchpoint|SetAside)<-[:MADE]-(other:Customer) WHERE other <> c }
  WITH g, $pseudonym + ':' + randomUUID() AS id
  FOREACH (_ IN CASE WHEN g:Household THEN [1] END | SET g.household_id = id)
  FOREACH (_ IN CASE WHEN g:Account THEN [1] END | SET g.account_id = id)
  FOREACH (_ IN CASE WHEN g:Order THEN [1] END | SET g.order_id = id)
  RETURN count(*) AS groups
}
CALL (c) {
  MATCH (c)<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
  WITH c, collect(DISTINCT self) AS selves
  UNWIND selves AS self
  MATCH (i:Identifier)-[leads:IDENTIFIES]->(self)
  WITH c, i, collect(leads) AS lead, min(leads.valid_from) AS first, min(leads.ingested_at) AS ingested,
       EXISTS { MATCH (i)-[:IDENTIFIES]->(other) WHERE NOT other IN selves } AS shared
  FOREACH (one IN CASE WHEN shared THEN lead ELSE [] END | DELETE one)
  // It stays shared with somebody, so that nobody else gets its visits.
  FOREACH (_ IN CASE WHEN shared THEN [1] ELSE [] END |
    CREATE (i)-[:IDENTIFIES {evidence: 'same_row', confidence: 1.0, valid_from: first, ingested_at: ingested}]->(c))
  FOREACH (_ IN CASE WHEN shared THEN [] ELSE [1] END | DETACH DELETE i)
  RETURN count(CASE WHEN NOT shared THEN 1 END) AS identifiers
}
CALL (c) {
  MATCH (c)<-[:MERGED_INTO*0..]-(:Customer|MergedCustomer)-[:GAVE]->(said:Consent)
  WITH DISTINCT said
  DETACH DELETE said
}
CALL (c) {
  MATCH (c)<-[:MERGED_INTO*1..]-(merged:MergedCustomer)
  WITH DISTINCT merged
  DETACH DELETE merged
}
SET c = {customer_id: $pseudonym, anonymous: c.anonymous}
RETURN count(*) AS customers, sum(groups) AS groups, sum(identifiers) AS identifiers
