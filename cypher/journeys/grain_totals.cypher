// How many touchpoints belong to a household, an account or an order
// Answers: how many households (accounts, orders) there are, how many touchpoints belong to at least one, and how many to
// none: what a question about their journeys leaves out. A touchpoint that belongs to several counts once here.
// Parameters:
//   $grain  text: 'household', 'account' or 'order'
//   $as_of  text or null: an ISO 8601 instant: only what the system knew then
:params {grain: 'account', as_of: null};
CALL () {
  MATCH (t:Touchpoint)
  WHERE $as_of IS NULL OR t.ingested_at <= datetime($as_of)
  RETURN count(*) AS every
}
CALL () {
  MATCH (owner:Household|Account|Order)<-[:BELONGS_TO]-(t:Touchpoint)
  WHERE any(label IN labels(owner) WHERE toLower(label) = $grain)
    AND ($as_of IS NULL OR t.ingested_at <= datetime($as_of))
  RETURN count(DISTINCT owner) AS owners, count(DISTINCT t) AS touchpoints
}
RETURN owners, touchpoints, every - touchpoints AS left_out
