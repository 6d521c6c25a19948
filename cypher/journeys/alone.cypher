// Hold a lock
// Answers: nothing, once nobody else holds the lock of that name. The node is locked until the transaction ends, which is
// rolled back: nothing stays in the graph.
// Parameters:
//   $name  text: what must not be done by two at a time, e.g. 'lock: threading'
:params {name: 'lock: threading'};
MERGE (lock:Configuration {name: $name})
SET lock.held = true
