// Set touchpoints aside: they stay with their customer, with all that is known of them, and count nowhere
// Answers: how many; their customers are marked.
// Parameters:
//   $rows  list of lists: touchpoint_id, as what (duplicate, bot, test or internal), by which rule
:params {rows: [['t1', 'bot', 'crawlers']]};
UNWIND $rows AS row
MATCH (t:Touchpoint {touchpoint_id: row[0]})
CALL (t) {
  MATCH (t)-[order:NEXT]-()
  DELETE order
}
CALL (t) {
  MATCH ()-[member:INCLUDES]->(t)
  DELETE member
}
REMOVE t:Touchpoint:WebVisit:AppInteraction:StoreVisit:EmailInteraction:AdInteraction:SocialInteraction:ServiceContact
FOREACH (c IN [(c:Customer)-[:MADE]->(t) | c] | SET c:Unthreaded)
SET t:SetAside, t.set_aside_as = row[1], t.set_aside_by = row[2]
RETURN count(t) AS set_aside
