// Under which identifiers a person is known
// Answers: each identifier of the customer with its kind: those that lead to nobody else, those of the touchpoints
// (of a visitor, or of a customer who was merged into this one), and households, accounts and orders of nobody else.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
WITH c, collect(DISTINCT self) AS selves
CALL (c, selves) {
  UNWIND selves AS self
  RETURN 'customer_id' AS kind, self.customer_id AS value
  UNION
  UNWIND selves AS self
  MATCH (i:Identifier)-[:IDENTIFIES]->(self)
  WHERE NOT EXISTS { MATCH (i)-[:IDENTIFIES]->(other) WHERE NOT other IN selves }
  RETURN i.kind AS kind, i.value AS value
  UNION
  MATCH (c)-[:MADE]->(t:Touchpoint|SetAside)
  UNWIND [['customer_id', t.known_customer_id], ['email', t.email], ['phone', t.phone],
          ['anonymous_id', CASE WHEN t.known_customer_id IS NULL THEN t.anonymous_id END]] AS pair
  WITH DISTINCT selves, pair[0] AS kind, pair[1] AS value
  WHERE value IS NOT NULL AND NOT EXISTS {
    MATCH (:Identifier {kind: kind, value: value})-[:IDENTIFIES]->(other) WHERE NOT other IN selves
  }
  RETURN kind, value
  UNION
  MATCH (c)-[:MADE]->(:Touchpoint|SetAside)-[:BELONGS_TO]->(g)
  WITH DISTINCT c, g
  WHERE NOT EXISTS { MATCH (g)<-[:BELONGS_TO]-(:Touchpoint|SetAside)<-[:MADE]-(other:Customer) WHERE other <> c }
  RETURN CASE WHEN g:Household THEN 'household_id' WHEN g:Account THEN 'account_id' ELSE 'order_id' END AS kind,
         coalesce(g.household_id, g.account_id, g.order_id) AS value
}
RETURN kind, value
ORDER BY kind, value
