"""A package, because its tests share one browser and one JupyterLab, which end with them."""
