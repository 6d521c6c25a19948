// How each source went, week by week
// Answers: for each source and week (its Monday, UTC) the touchpoints, and of these those that name a customer, have a value,
// have a session, and are about a product.
// Parameters:
MATCH (t:Touchpoint)
RETURN t.source AS source, toString(date.truncate('week', date(t.occurred_at))) AS week, count(*) AS touchpoints,
       count(t.known_customer_id) AS named, count(t.value) AS with_value, count(t.source_session_id) AS with_session,
       count(CASE WHEN EXISTS { (t)-[:ABOUT]->() } THEN 1 END) AS with_product
ORDER BY source, week
