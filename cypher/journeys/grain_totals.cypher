// How many touchpoints belong to a household, an account or an order
// Answers: how many households (accounts, orders) there are, how many touchpoints belong to at least one, and how many to
// none: what a question about their journeys leaves out. A touchpoint that belongs to several counts once here.
// Parameters:
//   $grain  text: 'household', 'account' or 'order'
//   $as_of  text or null: an ISO 8601 instant: only what the system knew then
:params {grain: 'account', as_of: null};
CALL () {
  RETURN EXISTS { (:Withheld) } AS consents  // touchpoints of whoever withdrew consent to analytics count nowhere
}
CALL (consents) {
  MATCH (t:Touchpoint)
  WHERE ($as_of IS NULL OR t.ingested_at <= datetime($as_of)) AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
  RETURN count(*) AS every
}
CALL (consents) {
  CALL () {
    MATCH (owner:Household|Account|Order)<-[:BELONGS_TO]-(t:Touchpoint)
    WHERE any(label IN labels(owner) WHERE toLower(label) = $grain)
    RETURN owner, t
    UNION ALL
    // Of whoever lives in a household that a run found.
    MATCH (owner:Household)<-[lives:LIVES_IN|LIVED_IN]-()-[:MERGED_INTO*0..]->(:Customer)-[:MADE]->(t:Touchpoint)
    WHERE $grain = 'household' AND CASE WHEN $as_of IS NULL THEN lives.undone_at IS NULL
          ELSE lives.found_at <= datetime($as_of) AND coalesce(lives.undone_at > datetime($as_of), true) END
    RETURN owner, t
  }
  WITH consents, owner, t
  WHERE ($as_of IS NULL OR t.ingested_at <= datetime($as_of)) AND (NOT consents OR NOT EXISTS { (t)<-[:MADE]-(:Withheld) })
  RETURN count(DISTINCT owner) AS owners, count(DISTINCT t) AS touchpoints
}
RETURN owners, touchpoints, every - touchpoints AS left_out
