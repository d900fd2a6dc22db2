"""What turns the log into tables and alerts: the processor, the timers, the workers, the Faust app.

The processor is a pure function from a batch to a Commit and knows no technology; a worker loads
what the batch touches, calls the processor and hands the Commit to a store.

May import: livelihood; streams/app.py alone may ask cli for its parts when it starts.
Must not import: backends, producers, consumers, web.
"""
