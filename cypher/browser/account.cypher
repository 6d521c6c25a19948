// An account's journeys to look at
// Answers: the account's touchpoints in order, whoever made them, with these customers; to look at in Neo4j Browser. For a
// household or an order, write :Household {household_id: ...} or :Order {order_id: ...}.
// Parameters:
//   $account_id  text: the account, e.g. 'acme'
:params {account_id: 'acme'};
MATCH (account:Account {account_id: $account_id})<-[:BELONGS_TO]-(t:Touchpoint)<-[:MADE]-(c:Customer)
WITH account, t, c
ORDER BY t.occurred_at_us, t.touchpoint_id
RETURN account, t, c
LIMIT 300
