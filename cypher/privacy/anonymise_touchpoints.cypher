// Anonymise one person: touchpoints, journeys and sessions
// Answers: how many of each lost their ids and whatever the source said beside step, channel, time and value.
// Parameters:
//   $pseudonym  text: the random name that the customer has by now, e.g. 'erased:5f0c'
//   $former  text: the id that the sessions still have, e.g. 'customer-1'
:params {pseudonym: 'erased:5f0c', former: 'customer-1'};
MATCH (c:Customer {customer_id: $pseudonym})
CALL (c) {
  MATCH (c)-[:MADE]->(t:Touchpoint|SetAside)
  WITH t ORDER BY t.occurred_at_us, t.touchpoint_id
  WITH collect(t) AS ts
  // Equal instants stay in their order, and what was one session of the source stays one.
  WITH ts, reduce(seen = [], t IN ts | CASE WHEN t.source_session_id IS NULL OR t.source_session_id IN seen THEN seen
                                            ELSE seen + t.source_session_id END) AS sessions
  UNWIND range(0, size(ts) - 1) AS place
  WITH ts[place] AS t, place, sessions
  SET t = {touchpoint_id: $pseudonym + ':' + right('000000000' + place, 9), step: t.step, channel: t.channel,
           stage: t.stage, occurred_at: t.occurred_at, occurred_at_us: t.occurred_at_us, ingested_at: t.ingested_at,
           source: t.source, batch_id: t.batch_id, value: t.value, currency: t.currency,
           p_product_category: t.p_product_category, known_customer_id: $pseudonym,
           set_aside_as: t.set_aside_as, set_aside_by: t.set_aside_by, traffic: t.traffic, traffic_rule: t.traffic_rule,
           kept: t.kept,
           source_session_id: CASE WHEN t.source_session_id IS NOT NULL THEN $pseudonym + ':s' +
             head([n IN range(0, size(sessions) - 1) WHERE sessions[n] = t.source_session_id]) END}
  RETURN count(*) AS touchpoints
}
CALL (c) {
  MATCH (c)-[:HAD]->(j:Journey)-[:INCLUDES {position: 0}]->(first:Touchpoint)
  SET j.journey_id = 'j:' + first.touchpoint_id, j.customer_id = $pseudonym
  RETURN count(j) AS journeys
}
CALL () {
  MATCH (s:Session {customer_id: $former})-[:INCLUDES {position: 0}]->(first:Touchpoint)
  MATCH (s)-[last:INCLUDES]->(t:Touchpoint)<-[:INCLUDES]-(j:Journey)
  WITH s, first, j ORDER BY last.position DESC
  WITH s, first, head(collect(j)) AS ends_in
  SET s.session_id = 's:' + first.touchpoint_id, s.journey_id = ends_in.journey_id, s.customer_id = $pseudonym
  RETURN count(s) AS sessions
}
RETURN touchpoints, journeys, sessions
