// Which words are ids that the graph holds
// Answers: those of the words that are an id of a customer, an identifier, a touchpoint, a session of a source, a household, an account,
// an order, a product or a load.
// Parameters:
//   $words  list of text: e.g. ['customer-10', 'not-an-id']
:params {words: ['customer-10', 'not-an-id']};
CALL () {
  UNWIND $words AS word
  WITH word
  WHERE EXISTS { (:Customer {customer_id: word}) } OR EXISTS { (:MergedCustomer {customer_id: word}) }
     OR EXISTS { (:Customer {customer_id: 'anonymous:' + word}) } OR EXISTS { (:Touchpoint {touchpoint_id: word}) }
     OR EXISTS { (:SetAside {touchpoint_id: word}) } OR EXISTS { (:Household {household_id: word}) }
     OR EXISTS { (:Account {account_id: word}) } OR EXISTS { (:Order {order_id: word}) }
     OR EXISTS { (:Product {product_id: word}) } OR EXISTS { (:Load {batch_id: word}) }
     OR EXISTS { MATCH (:Identifier {kind: 'email', value: word}) } OR EXISTS { MATCH (:Identifier {kind: 'phone', value: word}) }
     OR EXISTS { MATCH (:Identifier {kind: 'anonymous_id', value: word}) }
  RETURN word
  UNION
  MATCH (t:Touchpoint|SetAside)
  WHERE t.source_session_id IN $words
  RETURN DISTINCT t.source_session_id AS word
}
RETURN word
ORDER BY word
