-- SPDX-License-Identifier: GPL-2.0-only
-- Read where 'exrc' is set.

vim.opt.makeprg = "make O=@O@"
vim.opt.tags:append("@O@/tags")

vim.api.nvim_create_autocmd("FileType", {
	pattern = { "c" },
	callback = function()
		vim.opt_local.expandtab = false
		vim.opt_local.tabstop = 8
		vim.opt_local.shiftwidth = 8
		-- Neovim 0.8 is the first to have it.
		if vim.lsp.start then
			vim.lsp.start({
				name = "clangd",
				cmd = { "clangd", "--compile-commands-dir=@O@", "--header-insertion=never" },
				root_dir = vim.fn.getcwd(),
			})
		end
	end,
})
