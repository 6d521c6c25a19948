// Store a batch of touchpoints with the customers who made them
// Answers: how many of the rows were new. A touchpoint that is there already stays as it is; a customer who gets a new one
// is marked, so that their journeys are rebuilt.
// Parameters:
//   $rows  list of lists: touchpoint_id, customer_id, step, channel, stage, occurred_at_us, source, known_customer_id,
//          anonymous_id, session_id, value, currency, product_id, product_category, product_name, campaign, email, phone,
//          properties (a map or null), number of the file and line in it (null for what came from none); no id twice
//   $batch_id  text: the load, e.g. '01f0'
//   $ingested_at  instant: of this batch, another for each batch of a load, e.g. datetime('2026-01-31T12:00:00Z')
:params {rows: [['t1', 'anna', 'view', 'web', 'consideration', 1767225600000000, 'shop', 'anna', null, null, null, null, null, null, null, null, null, null, null, 0, 2]], batch_id: '01f0', ingested_at: datetime('2026-01-31T12:00:00Z')};
UNWIND $rows AS row
WITH row
// What is set aside is there already.
WHERE NOT EXISTS { (:SetAside {touchpoint_id: row[0]}) }
MERGE (t:Touchpoint {touchpoint_id: row[0]})
ON CREATE SET
  t.step = row[2], t.channel = row[3], t.stage = row[4], t.occurred_at_us = row[5],
  t.occurred_at = datetime({epochSeconds: row[5] / 1000000, nanosecond: row[5] % 1000000 * 1000}),
  t.source = row[6], t.known_customer_id = row[7], t.anonymous_id = row[8], t.source_session_id = row[9],
  t.value = row[10], t.currency = row[11],
  // A category belongs to a product; where the row names none, it stays with the touchpoint. Likewise an address is an
  // identifier of a known customer.
  t.p_product_category = CASE WHEN row[12] IS NULL THEN row[13] END,
  t.email = CASE WHEN row[7] IS NULL THEN row[16] END, t.phone = CASE WHEN row[7] IS NULL THEN row[17] END,
  t += coalesce(row[18], {}),
  t.file_number = row[19], t.line = row[20],
  t.batch_id = $batch_id, t.ingested_at = $ingested_at
WITH t, row[1] AS customer_id, row[7] IS NULL AS anonymous
// Both together are written by no other batch, so this is true exactly for what was created here.
WHERE t.batch_id = $batch_id AND t.ingested_at = $ingested_at
FOREACH (_ IN CASE t.channel WHEN 'web' THEN [1] END | SET t:WebVisit)
FOREACH (_ IN CASE t.channel WHEN 'app' THEN [1] END | SET t:AppInteraction)
FOREACH (_ IN CASE t.channel WHEN 'store' THEN [1] END | SET t:StoreVisit)
FOREACH (_ IN CASE t.channel WHEN 'email' THEN [1] END | SET t:EmailInteraction)
FOREACH (_ IN CASE t.channel WHEN 'ad' THEN [1] END | SET t:AdInteraction)
FOREACH (_ IN CASE t.channel WHEN 'social' THEN [1] END | SET t:SocialInteraction)
FOREACH (_ IN CASE t.channel WHEN 'service' THEN [1] END | SET t:ServiceContact)
MERGE (c:Customer {customer_id: customer_id})
ON CREATE SET c.anonymous = anonymous
SET c:Unthreaded
CREATE (c)-[:MADE]->(t)
RETURN count(*) AS created
