// Wait until every index can be used
// Answers: nothing; returns once the indexes hold all of the data, or fails after the given time.
// Parameters:
//   $seconds  integer: how long to wait at most, e.g. 300
:params {seconds: 300};
CALL db.awaitIndexes($seconds)
