"""BPMN processes: definitions, instances, tasks, time, history.

Read ``process`` for what a process package hands in, ``runtime`` for the steps, ``inbox`` for what pages read. ``bpmn``
and ``language`` read diagrams, ``spiff`` runs them.
"""
