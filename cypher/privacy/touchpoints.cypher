// What is held about one person: the touchpoints
// Answers: every touchpoint in the customer's order, with all its properties, its labels, its product, campaign, and the
// households, accounts and orders that it belongs to, and the touchpoint that tells of the same event where it is set aside for that.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})-[:MADE]->(t:Touchpoint|SetAside)
WITH t ORDER BY t.occurred_at_us, t.touchpoint_id
RETURN t {.*, labels: labels(t),
                      products: [(t)-[:ABOUT]->(p) | p.product_id],
                      campaigns: [(t)-[:CAME_FROM]->(k) | k.name],
                      households: [(t)-[:BELONGS_TO]->(h:Household) | h.household_id],
                      accounts: [(t)-[:BELONGS_TO]->(a:Account) | a.account_id],
                      orders: [(t)-[:BELONGS_TO]->(o:Order) | o.order_id],
                      same_event_as: [(t)-[:SAME_EVENT_AS]->(same) | same.touchpoint_id]} AS properties
