"""BPMN processes on SpiffWorkflow: definitions, instances, tasks, time, history. The only importer of SpiffWorkflow.

Read ``process`` for what a process package hands in, ``runtime`` for the steps, ``inbox`` for what pages read.
"""
