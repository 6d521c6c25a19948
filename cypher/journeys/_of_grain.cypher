// Journeys of households, accounts or orders (a part that takes the place of the stored journeys, which are a customer's)
// Parameters:
//   $grain  text: whose journeys, 'household', 'account' or 'order'
//   $as_of  text or null: an ISO 8601 instant: only what the system knew then
// journeys of each $grain, as of $as_of {
MATCH (rules:Configuration {name: 'journeys'})
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics end no data
}
CALL (consents) {
  MATCH (t:Touchpoint|SetAside)
  WHERE $as_of IS NOT NULL AND t.ingested_at <= datetime($as_of) AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
  RETURN max(t.occurred_at_us) AS known_end_us
}
MATCH (owner:Household|Account|Order)
WHERE any(label IN labels(owner) WHERE toLower(label) = $grain)
CALL (owner) {
  CALL (owner) {
    MATCH (owner)<-[:BELONGS_TO]-(t:Touchpoint)
    RETURN t
    UNION
    // Of whoever lives in a household that a run found.
    MATCH (owner)<-[lives:LIVES_IN|LIVED_IN]-()-[:MERGED_INTO*0..]->(:Customer)-[:MADE]->(t:Touchpoint)
    WHERE CASE WHEN $as_of IS NULL THEN lives.undone_at IS NULL
          ELSE lives.found_at <= datetime($as_of) AND coalesce(lives.undone_at > datetime($as_of), true) END
    RETURN t
  }
  WITH t
  WHERE ($as_of IS NULL OR t.ingested_at <= datetime($as_of))
    AND NOT EXISTS { (t)<-[:MADE]-(:Withheld) }  // of whoever withdrew consent to analytics
  WITH t
  ORDER BY t.occurred_at_us, t.touchpoint_id
  RETURN collect(t) AS ts
}
WITH rules, CASE WHEN $as_of IS NULL THEN rules.data_end_us ELSE known_end_us END AS data_end_us, ts,
     coalesce(owner.household_id, owner.account_id, owner.order_id) AS owner_id
WHERE size(ts) > 0
WITH rules, data_end_us, owner_id, ts,
     [k IN range(0, size(ts) - 1)
      WHERE k = 0 OR ts[k - 1].step IN rules.goals
         OR ts[k].occurred_at_us - ts[k - 1].occurred_at_us > rules.journey_window_us] + [size(ts)] AS bounds
UNWIND range(0, size(bounds) - 2) AS b
WITH rules, data_end_us, owner_id, ts[bounds[b]..bounds[b + 1]] AS ts
WITH owner_id, ts, last(ts) AS final,
     CASE WHEN last(ts).step IN rules.goals THEN 'converted'
          WHEN data_end_us - last(ts).occurred_at_us > rules.journey_window_us THEN 'lost'
          ELSE 'open' END AS outcome
// A touchpoint of two orders begins a journey of each: the id names both. A colon inside the owner's id is escaped.
WITH {journey_id: $grain + ':' + replace(replace(owner_id, '\\', '\\\\'), ':', '\\:') + ':' + ts[0].touchpoint_id,
      customer_id: owner_id, grain: $grain, outcome: outcome,
      value: CASE WHEN outcome = 'converted' THEN final.value END,
      steps: [t IN ts | t.step], channels: [t IN ts | t.channel],
      occurred_at_us: [t IN ts | t.occurred_at_us]
      // with touchpoints {
      , touchpoint_ids: [t IN ts | t.touchpoint_id], touchpoints: ts
      // } with touchpoints
     } AS journey
// } journeys of
