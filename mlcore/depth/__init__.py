"""From a line to a deep network: what does a hidden layer change?"""
