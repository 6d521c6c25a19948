// What is known of every customer
// Answers: for each customer the last value of each of some properties of their touchpoints, in the order asked; e-mail
// address and telephone number; the first touchpoint's instant; whether the visitor is anonymous.
// Parameters:
//   $names  list of text: properties of touchpoints, e.g. ['p_first_name', 'p_surname']
:params {names: ['p_first_name', 'p_surname']};
MATCH (c:Customer)
CALL (c) {
  MATCH (c)-[:MADE]->(t:Touchpoint)
  WITH t ORDER BY t.occurred_at_us DESC, t.touchpoint_id
  WITH collect(t) AS ts
  RETURN [name IN $names | head([t IN ts WHERE t[name] IS NOT NULL | toString(t[name])])] AS values,
         last(ts).occurred_at_us AS first_at,
         head([t IN ts WHERE t.email IS NOT NULL | t.email]) AS given_email,
         head([t IN ts WHERE t.phone IS NOT NULL | t.phone]) AS given_phone
}
WITH c, values, first_at, given_email, given_phone,
     COLLECT {
       MATCH (i:Identifier)-[shown:IDENTIFIES]->(:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(c)
       WHERE i.kind IN ['email', 'phone']
       RETURN [i.kind, i.value] AS pair ORDER BY shown.valid_from DESC, i.value
     } AS known
RETURN c.customer_id AS customer_id, c.anonymous AS anonymous, first_at, values,
       coalesce(head([pair IN known WHERE pair[0] = 'email' | pair[1]]), given_email) AS email,
       coalesce(head([pair IN known WHERE pair[0] = 'phone' | pair[1]]), given_phone) AS phone
ORDER BY customer_id
